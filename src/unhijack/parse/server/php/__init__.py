"""PHP, read by what it does: values by origin, followed to what is done with them."""

from unhijack.parse.server.php.reader import php_marks

__all__ = ["php_marks"]
