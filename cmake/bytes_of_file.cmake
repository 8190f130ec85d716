# FILE's bytes as numbers with commas between, into OUT: to be included in the braces of an array of char.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "static_cast<char>(0x\\1)," numbers "${hex}")
string(REGEX REPLACE ",$" "" numbers "${numbers}")
file(WRITE "${OUT}" "${numbers}\n")
