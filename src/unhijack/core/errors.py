"""The one error that a person may see: what is wrong, and what to do about it."""


class WrongUse(Exception):
    """Input or surroundings that the program cannot work with.

    The message is one line that names what is wrong and what to do; the front door prints it
    and exits with 2. Nothing was changed when it is raised.
    """
