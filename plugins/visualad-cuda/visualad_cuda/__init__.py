"""VisualAD's plans on an NVIDIA GPU."""
