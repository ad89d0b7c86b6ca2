namespace r1 {}
