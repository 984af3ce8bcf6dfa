"""Everything that touches the graph, in and out: sources, transforms, loads, the engine and the reader."""
