"""``make bench``: figures as ratios measured side by side in one run, since machines are noisy."""
