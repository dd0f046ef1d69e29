"""Face detectors with 68 landmarks."""
