"""A server's own files, read as their programs would: PHP, Apache, nginx, SQL, cron."""
