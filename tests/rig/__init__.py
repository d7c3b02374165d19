"""The rig: real servers that are killed, stopped and filled up while agents work (RELIABILITY R30 to R37). `make rig` runs all of it."""
