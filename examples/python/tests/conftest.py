# SPDX-License-Identifier: MIT
pytest_plugins = ["animaldetect.pytest_plugin"]
