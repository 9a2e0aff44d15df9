"""The figures: their names in the JSON, their goals, what they are."""

import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Figure:
    key: str
    at_least: Optional[float]  # the goal: one of the two, or none
    at_most: Optional[float]
    meaning: str

    def met(self, value):
        if self.at_least is not None:
            return value >= self.at_least
        if self.at_most is not None:
            return value <= self.at_most
        return True

    @property
    def goal(self):
        if self.at_least is not None:
            return f'>= {self.at_least:g}'
        if self.at_most is not None:
            return f'<= {self.at_most:g}'
        return ''


def _at_least(key, goal, meaning):
    return Figure(key, goal, None, meaning)


def _at_most(key, goal, meaning):
    return Figure(key, None, goal, meaning)


def _beside(key, meaning):
    return Figure(key, None, None, meaning)


# Those that a reader is promised.
PROMISED = (
    _at_least('served_over_engine_lstm128', 0.80,
              'served steps/s over the engine alone; 1,000 sessions, 256 '
              'observations per message, acks'),
    _at_least('served_over_engine_lstm64', 0.60, 'the same with LSTM-64'),
    _at_least('single_over_echo', 0.80,
              'one observation per message, 64 streams, LSTM-64: messages/s '
              'over those of the faster echo server'),
    _at_least('single_over_python_peer', 10,
              'the same over a Python server (grpcio, PyTorch)'),
    _at_least('single_over_node_peer', 5,
              'the same over a Node server (grpc-js, onnxruntime-node)'),
    _at_least('multiplexed_over_python_peer', 2,
              '256 observations per message, 1,000 sessions, LSTM-64: steps/s '
              "over the Python server's"),
    _at_least('multiplexed_over_node_peer', 1.2,
              "the same over the Node server's"),
    _at_most('p99_over_python_peer', 1.0,
             "p99 over the Python server's, both at 95% of its maximum rate; "
             'the worse of one and 256 observations per message'),
    _at_most('p99_over_node_peer', 1.0, "the same with the Node server"),
    _at_most('p99_half_load_over_unloaded_p50', 10,
             'p99 at half of the maximum rate over the unloaded median; the '
             'worse of one and 256 observations per message'),
    _at_most('million_sessions_rss_gib', 1.5,
             'resident GiB of a server with 1,000,000 LSTM-128 sessions, each '
             'stepped'),
    _at_least('random_over_hot', 0.50,
              'steps/s on random ones of the million over those on 1,000 '
              'sessions'),
    _at_least('two_lanes_efficiency', 0.95,
              'two cores over one, engine (LSTM-128) divided by plain '
              'multiply-adds'),
    _at_most('live_p99_beside_bulk_ratio', 3,
             'p99 of live steps beside bulk classification over that without'),
    _at_least('streams_256_over_1', 1.0,
              'steps/s with 256 streams over those with one; 65,536 sessions, '
              '256 observations per message'),
    _at_most('slow_reader_latency_ratio', 1.2,
             "everyone else's p99 while one stream hardly reads, over that "
             'without'),
    _at_least('rocksdb_over_memory', 0.85,
              'served steps/s with sessions in RocksDB over those in memory; '
              'LSTM-128, 1,000 sessions, 256 observations per message, storing '
              "on the load's core"),
    _at_least('redis_over_memory', 0.70, 'the same with Redis'),
    _at_most('durable_lag_p99_ms', 200,
             'p99 of the time from sending an observation to hearing that it '
             'is durable, in the same runs; the worse of the two'),
    _at_most('restart_million_seconds', 2,
             'from starting a killed server until /readyz is 200, with '
             '1,000,000 stored LSTM-128 sessions; the longest'),
)

# What is recorded with them.
BESIDE = (
    _at_least('engine_share_of_peak_lstm128', 0.75,
              'engine alone, batch 64, both cores busy: share of the '
              'multiply-adds that the core can do'),
    _at_least('engine_share_of_peak_lstm64', 0.60, 'the same with LSTM-64'),
    _beside('engine_steps_per_second_lstm128', 'engine alone, one core'),
    _beside('engine_steps_per_second_lstm64', 'the same with LSTM-64'),
    _beside('served_steps_per_second_lstm128', 'served, one core'),
    _beside('served_steps_per_second_lstm64', 'the same with LSTM-64'),
    _beside('served_forecasts_per_second_lstm64',
            'served, a forecast (24 steps, 3 quantiles) of every observation'),
    _beside('served_bf16_over_f32_lstm128', 'served steps/s, bf16 over f32'),
    _beside('server_cpu_us_per_step_lstm64', 'processor time of the server'),
    _beside('single_messages_per_second', 'one observation per message'),
    _beside('single_echo_messages_per_second', 'the faster echo server'),
    _beside('single_over_echo_by_cpu',
            'the same, per second of the servers\' processor time'),
    _beside('single_forecasts_over_python_peer',
            'a forecast (24 steps, 3 quantiles) of every observation; the '
            "peer's is one value"),
    _beside('single_forecasts_over_node_peer', 'the same with the Node server'),
    _beside('multiplexed_lstm128_over_python_peer', 'LSTM-128'),
    _beside('multiplexed_lstm128_over_node_peer', 'LSTM-128'),
    _beside('multiplexed_bf16_over_python_peer', 'Recur in bf16, LSTM-64'),
    _beside('multiplexed_bf16_over_node_peer', 'Recur in bf16, LSTM-64'),
    _beside('two_lanes_efficiency_lstm64', 'the same with LSTM-64'),
    _beside('streams_256_over_1_single',
            'the same with one observation per message: 256 streams with one '
            'message in flight each, one with 256'),
    _at_least('live_beside_bulk_share', 0.10,
              'steps/s of the bulk over the engine alone'),
    _beside('session_bytes_lstm128',
            'resident bytes per session of the million'),
    _beside('open_sessions_per_second', 'while the million is opened'),
    _beside('durable_lag_p99_ms_rocksdb', 'with RocksDB'),
    _beside('durable_lag_p99_ms_redis', 'with Redis'),
    _beside('restart_empty_seconds', 'the same without a store'),
)

KEYS = tuple(figure.key for figure in PROMISED)
ALL = {figure.key: figure for figure in PROMISED + BESIDE}
