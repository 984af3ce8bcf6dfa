"""How hubs know, ask, recognise and inform each other."""
