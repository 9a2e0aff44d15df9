// A reading in the words of Prometheus. Pure: nothing is registered, and a
// scrape costs what it shows.
//
// Names begin with recur_ (process_ for what every client library tells);
// units are seconds and bytes; counters end in _total. The labels are bounded:
// methods, codes, states and the models there are ("unknown" for all others).
#ifndef RECUR_SERVER_OBSERVE_METRICS_H_
#define RECUR_SERVER_OBSERVE_METRICS_H_

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "server/observe/server_reading.h"

namespace recur {

// No two samples of a family have the same labels.
std::vector<prometheus::MetricFamily> BuildMetrics(
    const ServerReading& reading);

// Prometheus's text format 0.0.4.
std::string MetricsText(const std::vector<prometheus::MetricFamily>& families);

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_METRICS_H_
