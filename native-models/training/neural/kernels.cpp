// The parts of the net that are no matrix products, fused: PyTorch would make a pass over memory of each floor, clip and product.
//
// Values are kept in real units in float32. With `exact` every one of them is an integer times the power of two named beside it, as in
// the exported graph (README.md, "Arithmetic"), and every sum stays below 2^24 units: the results are the graph's, bit for bit.
// Without `exact` the floors are left out, which is the float net that the exact one is compared with.
//
// Gradients go straight through a floor. A clip passes the gradient inside its line, and outside of it where descent leads back.

#include <torch/extension.h>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

namespace {

constexpr float kActivation = 32.f;       // units in 1.0 of what enters a matrix product: -64..63 is -2..1.97
constexpr float kForget = 256.f;          // units of a forget gate
constexpr float kCandidate = 2048.f;      // units of a candidate, 12 bits
constexpr float kState = 32768.f;         // units of a state, 16 bits
constexpr float kOutput = 64.f;           // units of an output gate
constexpr float kSquare = 64.f;           // units of what is squared
constexpr float kSquareLimit = 180.f;     // 180^2 / 256 = 126 fits in seven bits
constexpr float kWeightLimit = 63.f;     // four products, 4 * 63 * 127 = 32,004, fit in 16 bits
constexpr float kLogit = 64.f;            // units of a logit, which counts in bits
constexpr float kLogitLimit = 2047.f;
constexpr float kNetWeight = 0.45f;       // of the net's logit of a bit, beside mix's
constexpr float kMixWeight = 0.65f;

template <bool exact> inline float whole(float x) { return exact ? std::floor(x) : x; }
inline float clip(float x, float low, float high) { return std::min(std::max(x, low), high); }

inline float passing(float x, float low, float high, float gradient) {
  // Without branches, so that the loops around it are vectorised.
  const float upward = x > high ? std::max(gradient, 0.f) : gradient;
  return x < low ? std::min(upward, 0.f) : upward;
}

template <bool exact>
void cellForward(const float* z, const float* start, const float* lowest, float* states, float* out, float* end, int64_t steps,
                 int64_t recurrent, int64_t squares) {
  const int64_t zWidth = 3 * recurrent + squares, outWidth = recurrent + squares;
  std::vector<float> h(start, start + recurrent);
  float* state = h.data();
  for (int64_t t = 0; t < steps; t++, z += zWidth, out += outWidth, states += recurrent) {
    const float *zf = z, *zc = z + recurrent, *zo = z + 2 * recurrent, *zg = z + 3 * recurrent;
#pragma GCC ivdep
    for (int64_t j = 0; j < recurrent; j++) {
      const float forget = clip(whole<exact>(zf[j] * kForget), lowest[j], kForget - 1.f);
      const float candidate = clip(whole<exact>(zc[j] * kCandidate), -kCandidate, kCandidate - 1.f) * (kState / kCandidate);
      const float gate = clip(whole<exact>(zo[j] * kOutput), -127.f, 127.f);
      const float next = candidate + whole<exact>(forget * (state[j] - candidate) * (1.f / kForget));
      state[j] = next;
      states[j] = next;
      out[j] = whole<exact>(gate * next * (1.f / 65536.f)) * (1.f / kActivation);
    }
#pragma GCC ivdep
    for (int64_t j = 0; j < squares; j++) {
      const float g = clip(whole<exact>(zg[j] * kSquare), 0.f, kSquareLimit);
      out[recurrent + j] = whole<exact>(g * g * (1.f / 256.f)) * (1.f / kActivation);
    }
  }
  std::copy(h.begin(), h.end(), end);
}

template <bool exact>
void cellBackward(const float* z, const float* start, const float* lowest, const float* states, const float* outGradient,
                  float* zGradient, int64_t steps, int64_t recurrent, int64_t squares) {
  const int64_t zWidth = 3 * recurrent + squares, outWidth = recurrent + squares;
  std::vector<float> carried(recurrent, 0.f);
  float* carry = carried.data();
  for (int64_t t = steps - 1; t >= 0; t--) {
    const float* zRow = z + t * zWidth;
    const float* yGradient = outGradient + t * outWidth;
    const float* after = states + t * recurrent;
    const float* before = t > 0 ? after - recurrent : start;
    float* g = zGradient + t * zWidth;
#pragma GCC ivdep
    for (int64_t j = 0; j < recurrent; j++) {
      const float f = zRow[j] * kForget, c = zRow[recurrent + j] * kCandidate, o = zRow[2 * recurrent + j] * kOutput;
      const float forget = clip(whole<exact>(f), lowest[j], kForget - 1.f) * (1.f / kForget);
      const float candidate = clip(whole<exact>(c), -kCandidate, kCandidate - 1.f) * (1.f / kCandidate);
      const float gate = clip(whole<exact>(o), -127.f, 127.f) * (1.f / kOutput);
      const float dState = carry[j] + yGradient[j] * gate;
      g[j] = passing(f, lowest[j], kForget - 1.f, dState * (before[j] * (1.f / kState) - candidate));
      g[recurrent + j] = passing(c, -kCandidate, kCandidate - 1.f, dState * (1.f - forget));
      g[2 * recurrent + j] = passing(o, -127.f, 127.f, yGradient[j] * after[j] * (1.f / kState));
      carry[j] = dState * forget;
    }
#pragma GCC ivdep
    for (int64_t j = 0; j < squares; j++) {
      const float x = zRow[3 * recurrent + j] * kSquare, d = yGradient[recurrent + j];
      const float square = clip(whole<exact>(x), 0.f, kSquareLimit) * (1.f / kSquare);
      g[3 * recurrent + j] = passing(x, 0.f, kSquareLimit, d * square);
    }
  }
}

/** 2^x for x <= 0, relative error below 3e-7: only the loss needs it. */
inline float powerOfTwo(float x) {
  x = std::max(x, -120.f);
  const float i = std::floor(x), r = x - i;
  const float p = 1.f + r * (0.6931471806f + r * (0.2402265070f + r * (0.0555041087f + r * (0.0096181291f + r * (0.0013333558f + r * 0.000154035f)))));
  const int32_t bits = (static_cast<int32_t>(i) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, 4);
  return p * scale;
}

/**
 * Bits that a byte costs where each of its bits is predicted by the logits of net and mix, weighed as the last mixer begins with them. Adds its
 * gradient by the net's logits, times `weight`.
 * powers [256]: 2^logit of each byte. said [8]: mix's logit of a one for each bit, in sixteenths.
 */
float jointLoss(const float* powers, int64_t target, const int8_t* said, float* gradient, float weight) {
  float sums[512];
  std::copy(powers, powers + 256, sums + 256);
  for (int node = 255; node > 0; node--) sums[node] = sums[2 * node] + sums[2 * node + 1];
  float bits = 0.f;
  for (int i = 0; i < 8; i++) {
    const int node = static_cast<int>(target | 256) >> (8 - i), bit = (target >> (7 - i)) & 1;
    const float zeros = std::max(sums[2 * node], 1e-30f), ones = std::max(sums[2 * node + 1], 1e-30f);
    const float logit = kNetWeight * std::log(ones / zeros) + kMixWeight * static_cast<float>(said[i]) * (1.f / 16.f);
    const float p = 1.f / (1.f + std::exp(-logit));
    bits -= std::log2(std::max(bit ? p : 1.f - p, 1e-9f));
    if (gradient == nullptr) continue;
    const float slope = weight * kNetWeight * (p - static_cast<float>(bit));
    const int width = 128 >> i, first = 2 * node * width - 256;
    for (int j = 0; j < width; j++) gradient[first + j] -= slope / zeros * powers[first + j];
    for (int j = 0; j < width; j++) gradient[first + width + j] += slope / ones * powers[first + width + j];
  }
  return bits;
}

template <bool exact>
float lossOfRow(const float* z, int64_t target, const int8_t* said, float share, float* gradient, float weight) {
  float logits[256], powers[256];
  float highest = -1e9f, total = 0.f;
  for (int j = 0; j < 256; j++) {
    logits[j] = clip(whole<exact>(z[j] * kLogit), -kLogitLimit - 1.f, kLogitLimit) * (1.f / kLogit);
    highest = std::max(highest, logits[j]);
  }
  for (int j = 0; j < 256; j++) powers[j] = powerOfTwo(logits[j] - highest);
  for (int j = 0; j < 256; j++) total += powers[j];
  const float own = said == nullptr ? 1.f : 1.f - share;
  if (gradient != nullptr) {
    const float inverse = weight * own / total;
    for (int j = 0; j < 256; j++) gradient[j] = powers[j] * inverse;
    gradient[target] -= weight * own;
  }
  float bits = own * (std::log2(total) + highest - logits[target]);
  if (said != nullptr) bits += share * jointLoss(powers, target, said, gradient, weight * share);
  if (gradient != nullptr) {
    for (int j = 0; j < 256; j++) gradient[j] = passing(z[j] * kLogit, -kLogitLimit - 1.f, kLogitLimit, gradient[j]);
  }
  return bits;
}

}  // namespace

/** z [lanes, steps, 3 R + S], start [lanes, R] in state units, lowest [R] -> outputs [lanes, steps, R + S], states, end. */
std::vector<torch::Tensor> cell_forward(torch::Tensor z, torch::Tensor start, torch::Tensor lowest, int64_t squares, bool exact) {
  const auto lanes = z.size(0), steps = z.size(1), recurrent = lowest.size(0);
  auto out = torch::empty({lanes, steps, recurrent + squares}, z.options());
  auto states = torch::empty({lanes, steps, recurrent}, z.options());
  auto end = torch::empty({lanes, recurrent}, z.options());
  for (int64_t b = 0; b < lanes; b++) {
    (exact ? cellForward<true> : cellForward<false>)(
        z.data_ptr<float>() + b * steps * z.size(2), start.data_ptr<float>() + b * recurrent, lowest.data_ptr<float>(),
        states.data_ptr<float>() + b * steps * recurrent, out.data_ptr<float>() + b * steps * out.size(2),
        end.data_ptr<float>() + b * recurrent, steps, recurrent, squares);
  }
  return {out, states, end};
}

torch::Tensor cell_backward(torch::Tensor z, torch::Tensor start, torch::Tensor lowest, torch::Tensor states, torch::Tensor outGradient,
                            int64_t squares, bool exact) {
  const auto lanes = z.size(0), steps = z.size(1), recurrent = lowest.size(0);
  auto gradient = torch::empty_like(z);
  for (int64_t b = 0; b < lanes; b++) {
    (exact ? cellBackward<true> : cellBackward<false>)(
        z.data_ptr<float>() + b * steps * z.size(2), start.data_ptr<float>() + b * recurrent, lowest.data_ptr<float>(),
        states.data_ptr<float>() + b * steps * recurrent, outGradient.data_ptr<float>() + b * steps * (recurrent + squares),
        gradient.data_ptr<float>() + b * steps * z.size(2), steps, recurrent, squares);
  }
  return gradient;
}

/** Whole values of activations [n, inputs] for a product of whole numbers. */
torch::Tensor whole_activations(torch::Tensor x) {
  auto out = torch::empty(x.sizes(), x.options().dtype(torch::kInt8));
  const float* from = x.data_ptr<float>();
  int8_t* to = out.data_ptr<int8_t>();
  for (int64_t i = 0; i < x.numel(); i++) to[i] = static_cast<int8_t>(from[i] * kActivation);
  return out;
}

/** Sums of products of whole numbers [n, outputs] in real units: times a power of two for each output, and with its bias. */
torch::Tensor real_sums(torch::Tensor sums, torch::Tensor units, torch::Tensor bias) {
  auto out = torch::empty(sums.sizes(), units.options());
  const auto outputs = sums.size(1);
  const int32_t* from = sums.data_ptr<int32_t>();
  const float *unit = units.data_ptr<float>(), *b = bias.data_ptr<float>();
  float* to = out.data_ptr<float>();
  for (int64_t n = 0; n < sums.size(0); n++, from += outputs, to += outputs) {
    for (int64_t j = 0; j < outputs; j++) to[j] = static_cast<float>(from[j]) * unit[j] + b[j];
  }
  return out;
}

/** Adds a contribution to the residual stream, in activation units, and clips the sum to what enters the next product. */
std::vector<torch::Tensor> residual_forward(torch::Tensor residual, torch::Tensor contribution, bool exact) {
  auto sum = torch::empty_like(contribution), activation = torch::empty_like(contribution);
  const float *r = residual.numel() == 0 ? nullptr : residual.data_ptr<float>(), *c = contribution.data_ptr<float>();
  float *s = sum.data_ptr<float>(), *a = activation.data_ptr<float>();
  for (int64_t i = 0; i < sum.numel(); i++) {
    const float added = exact ? std::floor(c[i] * kActivation) * (1.f / kActivation) : c[i];
    const float x = r == nullptr ? added : r[i] + added;
    s[i] = x;
    a[i] = clip(x, -64.f / kActivation, 63.f / kActivation);
  }
  return {sum, activation};
}

torch::Tensor residual_backward(torch::Tensor sum, torch::Tensor sumGradient, torch::Tensor activationGradient) {
  auto gradient = torch::empty_like(sum);
  const float *s = sum.data_ptr<float>(), *ga = activationGradient.data_ptr<float>();
  float* g = gradient.data_ptr<float>();
  const int64_t count = sum.numel();
#pragma GCC ivdep
  for (int64_t i = 0; i < count; i++) g[i] = passing(s[i], -64.f / kActivation, 63.f / kActivation, ga[i]);
  if (sumGradient.numel() != 0) {
    const float* gs = sumGradient.data_ptr<float>();
#pragma GCC ivdep
    for (int64_t i = 0; i < count; i++) g[i] += gs[i];
  }
  return gradient;
}

/**
 * Bits that each target costs [n] and, where asked for, the gradient of their mean. With what mix has said, [n, 8] of sixteenths, a share of
 * that is what the byte costs with both.
 */
std::vector<torch::Tensor> loss_forward(torch::Tensor z, torch::Tensor targets, torch::Tensor said, double share, bool exact, bool withGradient) {
  const auto rows = z.size(0);
  auto bits = torch::empty({rows}, z.options());
  auto gradient = torch::empty({withGradient ? rows : 0, 256}, z.options());
  const int8_t* mix = said.numel() == 0 ? nullptr : said.data_ptr<int8_t>();
  for (int64_t n = 0; n < rows; n++) {
    bits.data_ptr<float>()[n] = (exact ? lossOfRow<true> : lossOfRow<false>)(
        z.data_ptr<float>() + n * 256, targets.data_ptr<uint8_t>()[n], mix == nullptr ? nullptr : mix + n * 8, static_cast<float>(share),
        withGradient ? gradient.data_ptr<float>() + n * 256 : nullptr, 1.f / static_cast<float>(rows));
  }
  return {bits, gradient};
}

/** Rows [n, orders] of a table [rows, width], rounded to activation units. */
torch::Tensor table_forward(torch::Tensor table, torch::Tensor rows, bool exact) {
  const auto count = rows.numel(), width = table.size(1);
  auto out = torch::empty({rows.size(0), rows.size(1) * width}, table.options());
  for (int64_t n = 0; n < count; n++) {
    const float* row = table.data_ptr<float>() + static_cast<int64_t>(rows.data_ptr<int32_t>()[n]) * width;
    float* target = out.data_ptr<float>() + n * width;
    for (int64_t j = 0; j < width; j++) {
      const float x = row[j] * kActivation;
      target[j] = clip(exact ? std::floor(x + 0.5f) : x, -64.f, 63.f) * (1.f / kActivation);
    }
  }
  return out;
}

/**
 * Weights [outputs, inputs] as whole numbers |w| <= 63 of a power of two, the finest one a row that allows it, and biases as whole
 * numbers of the unit that the row's sums have.
 */
std::vector<torch::Tensor> quantise(torch::Tensor weight, torch::Tensor bias) {
  const auto rows = weight.size(0), columns = weight.size(1);
  auto wholeWeight = torch::empty_like(weight), wholeBias = torch::empty_like(bias), exponents = torch::empty_like(bias);
  for (int64_t i = 0; i < rows; i++) {
    const float* w = weight.data_ptr<float>() + i * columns;
    float* q = wholeWeight.data_ptr<float>() + i * columns;
    float largest = 0.f;
    for (int64_t j = 0; j < columns; j++) largest = std::max(largest, std::abs(w[j]));
    int exponent = 14;
    while (std::floor(std::ldexp(largest, exponent) + 0.5f) > kWeightLimit) exponent--;
    const float unit = std::ldexp(1.f, exponent), inverse = std::ldexp(1.f, -exponent);
    for (int64_t j = 0; j < columns; j++) q[j] = clip(std::floor(w[j] * unit + 0.5f), -kWeightLimit, kWeightLimit) * inverse;
    const float sumUnit = unit * kActivation;
    wholeBias.data_ptr<float>()[i] = std::floor(bias.data_ptr<float>()[i] * sumUnit + 0.5f) / sumUnit;
    exponents.data_ptr<float>()[i] = static_cast<float>(exponent);
  }
  return {wholeWeight, wholeBias, exponents};
}

/**
 * One step of the rows that were used: a gradient is divided by the root of its running mean square, and the step falls with
 * the root of a row's visits, from `rate` to `rate / sqrt(slowest)`: rare rows learn at once, frequent ones average.
 * rows [n, orders], gradient of the sum of bits [n, orders from firstOrder on, width]; the orders from fromOrder to before toOrder are updated.
 */
void table_update(torch::Tensor table, torch::Tensor squares, torch::Tensor visits, torch::Tensor rows, torch::Tensor gradient,
                  double rate, double decay, double slowest, int64_t fromOrder, int64_t toOrder, int64_t firstOrder) {
  const auto n = rows.size(0), orders = rows.size(1), given = gradient.size(1), width = table.size(1);
  std::vector<std::pair<int32_t, int32_t>> used(n);
  std::vector<float> sum(width);
  for (int64_t order = fromOrder; order < toOrder; order++) {
    for (int64_t i = 0; i < n; i++) used[i] = {rows.data_ptr<int32_t>()[i * orders + order], static_cast<int32_t>(i)};
    std::sort(used.begin(), used.end());
    for (int64_t i = 0; i < n;) {
      const int32_t row = used[i].first;
      std::fill(sum.begin(), sum.end(), 0.f);
      for (; i < n && used[i].first == row; i++) {
        const float* g = gradient.data_ptr<float>() + (used[i].second * given + order - firstOrder) * width;
        for (int64_t j = 0; j < width; j++) sum[j] += g[j];
      }
      float& visit = visits.data_ptr<float>()[row];
      visit += 1.f;
      const float correction = 1.f / (1.f - std::pow(static_cast<float>(decay), visit));
      const float step = static_cast<float>(rate / std::sqrt(std::min<double>(visit, slowest)));
      float* value = table.data_ptr<float>() + static_cast<int64_t>(row) * width;
      float* square = squares.data_ptr<float>() + static_cast<int64_t>(row) * width;
      for (int64_t j = 0; j < width; j++) {
        const float g = sum[j];
        square[j] += (1.f - static_cast<float>(decay)) * (g * g - square[j]);
        const float next = value[j] - step * g / (std::sqrt(square[j] * correction) + 1e-3f);
        value[j] = clip(next, -64.f / kActivation, 63.f / kActivation);
      }
    }
  }
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.def("cell_forward", &cell_forward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("cell_backward", &cell_backward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("residual_forward", &residual_forward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("residual_backward", &residual_backward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("loss_forward", &loss_forward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("quantise", &quantise, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("whole_activations", &whole_activations, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("real_sums", &real_sums, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("table_forward", &table_forward, pybind11::call_guard<pybind11::gil_scoped_release>());
  m.def("table_update", &table_update, pybind11::call_guard<pybind11::gil_scoped_release>());
}
