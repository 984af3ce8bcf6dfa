"""The demonstration: whole city hubs on loopback with real-format data, real keys and a signed directory."""
