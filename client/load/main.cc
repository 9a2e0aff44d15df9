#include <unistd.h>

#include <iostream>

#include "client/load/load_tool.h"

int main(int argc, char** argv) {
  return recur::load::RunLoadTool(argc, argv, std::cout, std::cerr,
                                  isatty(STDERR_FILENO) != 0);
}
