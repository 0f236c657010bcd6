"""What reads a server's files with Python's own library alone, in the syntax of Python 3.9.

Nothing here imports anything of ours from outside this folder: the one-file scanner is made of it.
"""
