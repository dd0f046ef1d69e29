"""Training in several processes: torchrun starts and watches them, torch.distributed computes."""
