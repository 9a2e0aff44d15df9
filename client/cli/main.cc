#include <iostream>

#include "client/cli/command_line.h"

int main(int argc, char** argv) {
  return recur::cli::Run(argc, argv, std::cin, std::cout, std::cerr);
}
