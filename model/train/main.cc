#include <unistd.h>

#include <iostream>

#include "model/train/train_tool.h"

int main(int argc, char** argv) {
  const recur::Console console{std::cout, std::cerr,
                               isatty(STDERR_FILENO) != 0};
  return recur::RunTrainTool(argc, argv, console);
}
