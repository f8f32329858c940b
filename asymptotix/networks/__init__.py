"""What makes one network differ from another, and nothing else."""
