#include "model/train/classify_options.h"

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

void AddColumns(CLI::App* command, ClassifyCommand* own) {
  auto* text = command->add_option("--text", own->data.text_column,
                                   "column of texts, one example per row");
  auto* id = command->add_option(
      "--sequence-id", own->data.id_column,
      "column that tells which rows are one sequence. With neither --text nor "
      "this all rows are one stream");
  id->excludes(text);
  command->add_option("--label", own->data.label_column,
                      "column of labels; a .ts file has its own");
  command->add_flag("--label-per-step", own->data.label_per_step,
                    "every row has a label of its own, as a stream's rows do: "
                    "the model answers at every step");
  command
      ->add_option("--features", own->data.features,
                   "columns of a sequence; without it all others")
      ->delimiter(',');
  command->add_option("--time", own->data.time_column,
                      "column of a sequence's times");
}

void AddTest(CLI::App* command, ClassifyCommand* own) {
  auto* file = command->add_option("--test-data", own->data.test_path,
                                   "file of the test's examples, like --data");
  auto* rows = command->add_option(
      "--test-rows", own->data.test_examples,
      "or exactly the last so many examples (rows of a stream) of the file");
  auto* part =
      command
          ->add_option("--test", own->data.test,
                       "or this part of each label's examples, drawn by the "
                       "seed (of streams: the last rows)")
          ->capture_default_str();
  file->excludes(rows)->excludes(part);
  command
      ->add_option("--folds", own->folds,
                   "cross-validate on so many parts of the training examples "
                   "first and print mean and deviation; takes as many times "
                   "longer")
      ->capture_default_str();
}

void AddNetwork(CLI::App* command, ClassifyCommand* own) {
  ClassifySettings& settings = own->settings;
  command
      ->add_option("--head,--loss", own->head,
                   "softmax, or sigmoid for two labels")
      ->capture_default_str();
  command
      ->add_option("--pooling", own->pooling,
                   "what of all steps decides: last, mean, max, or auto: "
                   "whichever validates best")
      ->capture_default_str();
  command->add_flag("--bidirectional,!--one-direction", settings.bidirectional,
                    "read each sequence in both directions, or in one; a model "
                    "of both cannot hold sessions. Without either: both for "
                    "texts");
  command->add_option("--members", settings.members,
                      "networks of other seeds that are merged into the model; "
                      "without it fewer the more there is to learn from");
}

void AddTexts(CLI::App* command, ClassifyCommand* own) {
  ClassifySettings& settings = own->settings;
  command
      ->add_option("--unit", own->unit,
                   "of text: word, character, or auto: character if most texts "
                   "are one word")
      ->capture_default_str();
  command->add_flag("--keep-case", own->keep_case,
                    "tell upper from lower case in texts");
  command
      ->add_option("--embedding", settings.embedding_size,
                   "size of a word's vector")
      ->capture_default_str();
  command
      ->add_option("--min-count", settings.min_count,
                   "a word seen less often is unknown")
      ->capture_default_str();
  command
      ->add_option("--word-dropout", settings.word_dropout,
                   "part of the words made unknown in training")
      ->capture_default_str();
}

void AddTraining(CLI::App* command, ClassifyCommand* own) {
  command
      ->add_option("--noise", own->settings.noise,
                   "deviation of what is added to the scaled inputs of "
                   "sequences in training")
      ->capture_default_str();
  command
      ->add_option("--class-weights", own->class_weights,
                   "none: all examples count the same, for the most right "
                   "answers; balanced: all labels do, to find rare ones")
      ->capture_default_str();
  command->add_option("--epochs", own->epochs,
                      "at most so many passes over the examples; without it "
                      "100, or as many as make 1500 updates");
}

absl::StatusOr<size_t> ChoiceOf(const char* name, const std::string& value,
                                const std::vector<std::string>& choices) {
  for (size_t i = 0; i < choices.size(); ++i) {
    if (value == choices[i]) return i;
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is \"%s\"; it must be one of %s", name, value,
                      absl::StrJoin(choices, ", ")));
}

absl::Status CheckTogether(const ClassifyCommand& own) {
  const bool of_sequences = !own.data.features.empty() ||
                            !own.data.time_column.empty() ||
                            own.data.label_per_step;
  if (!own.data.text_column.empty() && of_sequences) {
    return absl::InvalidArgumentError(
        "--features, --time and --label-per-step are of sequences; --text "
        "takes none of them");
  }
  if (own.epochs.value_or(1) < 1) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--epochs is %d; it must be 1 or more", *own.epochs));
  }
  if (own.folds != 0 && own.folds < 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--folds is %d; it must be 2 or more, or 0 for none", own.folds));
  }
  return absl::OkStatus();
}

// The words that stand for one of a few values.
absl::Status ReadChoices(const ClassifyCommand& own,
                         ClassifySettings* settings) {
  auto unit = ChoiceOf("--unit", own.unit, {"auto", "word", "character"});
  if (!unit.ok()) return unit.status();
  if (*unit > 0) {
    settings->unit = *unit == 1 ? TokenUnit::kWord : TokenUnit::kCharacter;
  }
  auto head = ChoiceOf("--head", own.head, {"softmax", "sigmoid"});
  if (!head.ok()) return head.status();
  settings->head = *head == 0 ? Head::kSoftmax : Head::kSigmoid;
  auto pooling =
      ChoiceOf("--pooling", own.pooling, {"auto", "last", "mean", "max"});
  if (!pooling.ok()) return pooling.status();
  if (*pooling > 0) settings->pooling = *ParsePooling(own.pooling);
  auto weights =
      ChoiceOf("--class-weights", own.class_weights, {"none", "balanced"});
  if (!weights.ok()) return weights.status();
  settings->class_weights = static_cast<ClassWeights>(*weights);
  return absl::OkStatus();
}

}  // namespace

void AddClassifyOptions(CLI::App* command, ClassifyCommand* own) {
  AddColumns(command, own);
  AddTest(command, own);
  AddNetwork(command, own);
  AddTexts(command, own);
  AddTraining(command, own);
  AddCommandOptions(command, &own->options);
}

absl::StatusOr<ClassifySettings> SettingsOf(const ClassifyCommand& own) {
  if (auto s = CheckTogether(own); !s.ok()) return s;
  ClassifySettings settings = own.settings;
  if (auto s = ReadChoices(own, &settings); !s.ok()) return s;
  if (auto s = TakeOptions(own.options, &settings); !s.ok()) return s;
  settings.lowercase = !own.keep_case;
  return settings;
}

}  // namespace recur
