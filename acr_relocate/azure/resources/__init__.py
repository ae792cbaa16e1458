"""Read and write single kinds of ARM resources."""
