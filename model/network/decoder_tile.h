// The forecast head's decoder (model/spec/network_spec.h) for some target
// steps side by side: vectors run along the steps, because there are more of
// them than targets and levels. Every sum is taken in the same order at any
// width of a tile, so the bits are the same.
#ifndef RECUR_MODEL_NETWORK_DECODER_TILE_H_
#define RECUR_MODEL_NETWORK_DECODER_TILE_H_

namespace recur {

// Steps of a vector, and of the widest tile.
inline constexpr int kTileVector = 4;
inline constexpr int kMaxTile = 24;

// What a tile is computed from, borrowed. A step-major tensor has one row of
// `steps` for every other index; behind the horizon it holds zeros.
struct DecoderWeights {
  int decoder_size = 0;
  int future_size = 0;
  int targets = 0;
  int levels = 0;
  int steps = 0;               // the horizon rounded up to whole vectors
  const float* step_bias;      // [decoder, steps]
  const float* weight_future;  // [decoder, future]
  const float* weight_output;  // [targets, levels, decoder]
  const float* bias_output;    // [targets, levels]
  const float* weight_skip;    // [targets, future]
};

// Writes output [real, targets, levels] from shared [decoder], the hidden
// state's part of every step, and future [real, future]. The tile is of
// `count` steps from `first` on, a multiple of kTileVector and at most
// kMaxTile, of which the first `real` are within the horizon. `scratch` has
// (future + decoder) * count floats.
void RunDecoderTile(const DecoderWeights& weights, int first, int count,
                    int real, const float* shared, const float* future,
                    float* scratch, float* output);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_DECODER_TILE_H_
