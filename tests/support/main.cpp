// The one main() of every Catch2 program of the house.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
