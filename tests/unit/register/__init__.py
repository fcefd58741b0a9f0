"""The register: its file, its rules, its stores."""
