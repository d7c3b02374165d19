"""Tests of real server processes: started, used by real clients, ended in good and in bad order."""
