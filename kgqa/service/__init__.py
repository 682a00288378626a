"""What can be asked of graphs that are held open: the operations of the server and of agents."""
