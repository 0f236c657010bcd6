eval(atob("Y29uc29sZS5sb2coJ2hhcm1sZXNzJyk="));
