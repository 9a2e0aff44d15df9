// A small chart for a page: lines, bands and dots over two axes.
//
//   Chart chart("Error by step ahead", "steps ahead");
//   chart.AddLine("model", Ink::kModel, steps, errors);
//   page += chart.Html();
//
// The curves are one SVG that stretches with its place; the labels are text
// around it. So they keep their size from a phone to a wide screen. No script;
// colours and layout are in the style of report_page.cc. The same calls give
// the same bytes.
#ifndef RECUR_MODEL_TRAIN_REPORT_CHART_H_
#define RECUR_MODEL_TRAIN_REPORT_CHART_H_

#include <string>
#include <vector>

namespace recur {

// Whose values they are: the colour, and the dashes of a line.
enum class Ink { kTruth, kModel, kFloor, kOther, kGuide };

class Chart {
 public:
  Chart(std::string title, std::string x_name);

  // NaN interrupts a line. A name that is empty is not in the legend.
  void AddLine(std::string name, Ink ink, std::vector<double> xs,
               std::vector<double> ys);
  void AddDots(std::string name, Ink ink, std::vector<double> xs,
               std::vector<double> ys);
  // Between low and high; bands over each other become darker. Steps without
  // both are left out.
  void AddBand(std::string name, Ink ink, const std::vector<double>& xs,
               const std::vector<double>& low, const std::vector<double>& high);
  // A vertical line.
  void AddRule(double x);
  // What is shown while the pointer is at x.
  void AddNote(double x, std::string text);
  // Widens the vertical axis so that it holds the value.
  void IncludeY(double y);

  // The names with their colours.
  std::string Legend() const;
  // Title, curves and axes.
  std::string Html() const;

 private:
  enum class Shape { kLine, kDots, kBand };
  struct Series {
    Shape shape;
    std::string name;
    Ink ink;
    std::vector<double> xs;
    std::vector<double> ys;
    std::vector<double> lows;  // of a band
  };
  struct Note {
    double x;
    std::string text;
  };
  struct Frame;

  void Add(Series series);
  std::string Curve(const Frame& frame, const Series& series) const;
  std::string Notes(const Frame& frame) const;

  std::string title_;
  std::string x_name_;
  std::vector<Series> series_;
  std::vector<double> rules_;
  std::vector<Note> notes_;
  // Of all that was added.
  double low_x_;
  double high_x_;
  double low_y_;
  double high_y_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_CHART_H_
