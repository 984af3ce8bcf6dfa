"""GraphQL over HTTP: a plan for each document and scope set, limits, errors, trusted documents."""
