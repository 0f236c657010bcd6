"""A site's own database: MariaDB and MySQL, or SQLite."""
