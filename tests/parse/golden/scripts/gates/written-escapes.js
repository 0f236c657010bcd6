document.write(unescape('%3C%70%3E%68%61%72%6D%6C%65%73%73%3C%2F%70%3E'));
