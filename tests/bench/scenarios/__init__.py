"""What run_scenarios.py measures, and how."""
