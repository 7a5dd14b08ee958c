// P-256 over s2n-bignum.
//
// Its functions without tests of the processor (the _alt ones) are used throughout: those that want
// BMI2 and ADX are no faster here by more than some percent.
#include "tls/drivers/p256.hpp"

#include <mbedtls/platform_util.h>

extern "C" {
#include <s2n-bignum.h>
}

#include <algorithm>
#include <array>
#include <type_traits>

namespace tunnel::tls::p256 {

namespace {

// 256 bits, the lowest limb first. Wiped on release, for most of them are secret.
struct Number {
  std::uint64_t limbs[4] = {};

  Number() = default;
  constexpr Number(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d)
      : limbs{a, b, c, d} {}
  Number(const Number&) = default;
  Number& operator=(const Number&) = default;
  ~Number() { mbedtls_platform_zeroize(limbs, sizeof limbs); }

  operator const std::uint64_t*() const { return limbs; }
  operator std::uint64_t*() { return limbs; }
};

// Jacobian coordinates in Montgomery's form; z = 0 is the point at infinity.
struct Jacobian {
  std::uint64_t limbs[12] = {};

  ~Jacobian() { mbedtls_platform_zeroize(limbs, sizeof limbs); }
  std::uint64_t* x() { return limbs; }
  std::uint64_t* y() { return limbs + 4; }
  std::uint64_t* z() { return limbs + 8; }
};

// The same without a z; (0, 0) is the point at infinity.
struct Affine {
  Number x;
  Number y;
};

// The field's prime, the coefficient b, the group's order, and 2^512 modulo the order, which leads
// into Montgomery's form.
constexpr std::uint64_t prime[4] = {0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
constexpr std::uint64_t coefficient[4] = {0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6,
                                          0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7};
constexpr std::uint64_t order[4] = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff,
                                    0xffffffff00000000};
constexpr std::uint64_t order_squared_radix[4] = {0x83244c95be79eea2, 0x4699799c49bd6fa6,
                                                  0x2845b2392b6bec59, 0x66e12d94f3d95620};
constexpr std::uint64_t one[4] = {1, 0, 0, 0};

Number from_bytes(Scalar bytes) {
  Number out;
  for (std::size_t i = 0; i < scalar_size; ++i)
    out.limbs[3 - i / 8] = out.limbs[3 - i / 8] << 8 | bytes[i];
  return out;
}

void to_bytes(const std::uint64_t* limbs, std::uint8_t* out) {
  for (std::size_t i = 0; i < scalar_size; ++i)
    out[i] = static_cast<std::uint8_t>(limbs[3 - i / 8] >> (56 - 8 * (i % 8)));
}

bool below(const std::uint64_t* a, const std::uint64_t* b) { return bignum_lt(4, a, 4, b) != 0; }
bool is_zero(const std::uint64_t* a) { return bignum_nonzero_4(a) == 0; }
bool is_equal(const std::uint64_t* a, const std::uint64_t* b) { return std::equal(a, a + 4, b); }
// Of an exponent: from 1 to the order less one.
bool is_exponent(const Number& a) {
  // without a branch
  return (static_cast<unsigned>(below(a, order)) & static_cast<unsigned>(!is_zero(a))) != 0;
}

Number times(const std::uint64_t* a, const std::uint64_t* b) {
  Number out;
  bignum_montmul_p256_alt(out, a, b);
  return out;
}

Number times_modulo_order(const std::uint64_t* a, const std::uint64_t* b) {
  Number out;
  bignum_montmul(4, out, a, b, order);
  return out;
}

Number inverse_modulo_order(const Number& a) {
  Number out;
  std::uint64_t room[12];
  bignum_modinv(4, out, a, order, room);
  mbedtls_platform_zeroize(room, sizeof room);
  return out;
}

// The leftmost 256 bits modulo the order (FIPS 186-5 section 6.4.1, step 2).
Number number_of(std::span<const std::uint8_t> hash) {
  std::array<std::uint8_t, scalar_size> bytes{};
  const std::size_t n = std::min(hash.size(), scalar_size);
  std::copy_n(hash.begin(), n, bytes.end() - static_cast<std::ptrdiff_t>(n));
  Number out;
  bignum_mod_n256_4(out, from_bytes(bytes));
  return out;
}

Jacobian jacobian(const Affine& point) {
  Jacobian out;
  if (is_zero(point.x) && is_zero(point.y)) return out;
  bignum_tomont_p256_alt(out.x(), point.x);
  bignum_tomont_p256_alt(out.y(), point.y);
  bignum_tomont_p256_alt(out.z(), one);
  return out;
}

// The point, which is not at infinity, in Montgomery's form still.
Affine affine(Jacobian& point) {
  Number z;
  bignum_montinv_p256(z, point.z());
  const Number zz = times(z, z);
  return {times(point.x(), zz), times(point.y(), times(zz, z))};
}

Number x_of(Jacobian& point) {
  Number out;
  bignum_demont_p256_alt(out, affine(point).x);
  return out;
}

// Multiples of the generator as p256_scalarmulbase wants them: for each i the multiples by
// 1 ... 2^(width-1) of 2^(width * i) * G. Filled when first used; a wider one would be 1.2 times as
// fast and take three times the memory.
class Generator {
 public:
  static constexpr std::size_t width = 4;

  Generator() {
    const Affine base{
        {0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247},
        {0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b}};
    Jacobian step = jacobian(base);
    std::uint64_t* entry = table_.data();
    for (std::size_t i = 0; i <= 256 / width; ++i) {
      Jacobian multiple = step;
      for (std::size_t j = 1;; ++j) {
        const Affine point = affine(multiple);
        entry = std::copy_n(point.x.limbs, 4, entry);
        entry = std::copy_n(point.y.limbs, 4, entry);
        if (j == per_step) break;
        Jacobian next;
        if (j == 1)
          p256_montjdouble_alt(next.limbs, multiple.limbs);
        else
          p256_montjadd_alt(next.limbs, multiple.limbs, step.limbs);
        multiple = next;
      }
      p256_montjdouble_alt(step.limbs, multiple.limbs);  // 2 * 2^(width-1)
    }
  }

  Affine times(const Number& scalar) const {
    std::uint64_t out[8];
    p256_scalarmulbase_alt(out, scalar, width, table_.data());
    Affine point;
    std::copy_n(out, 4, point.x.limbs);
    std::copy_n(out + 4, 4, point.y.limbs);
    mbedtls_platform_zeroize(out, sizeof out);
    return point;
  }

 private:
  static constexpr std::size_t per_step = 1 << (width - 1);
  std::array<std::uint64_t, 8 * per_step*(256 / width + 1)> table_;
};

static_assert(std::is_trivially_destructible_v<Generator>);

const Generator& generator() {
  // built once for all threads, constant from then on, and never destroyed
  static const Generator table;
  return table;
}

Affine point_from(Point bytes) {
  return {from_bytes(bytes.first<scalar_size>()), from_bytes(bytes.last<scalar_size>())};
}

// y^2 = x^3 - 3x + b
bool is_on_curve(const Affine& point) {
  if (!below(point.x, prime) || !below(point.y, prime)) return false;
  Number x;
  Number y;
  Number right;
  bignum_tomont_p256_alt(x, point.x);
  bignum_tomont_p256_alt(y, point.y);
  bignum_tomont_p256_alt(right, coefficient);
  bignum_add_p256(right, right, times(x, times(x, x)));
  for (int i = 0; i < 3; ++i) bignum_sub_p256(right, right, x);
  return is_equal(times(y, y), right);
}

// Both points public. p256_montjadd takes points that differ, or either at infinity.
Jacobian sum(Jacobian& a, Jacobian& b) {
  const Number aa = times(a.z(), a.z());
  const Number bb = times(b.z(), b.z());
  Jacobian out;
  const bool both = !is_zero(a.z()) && !is_zero(b.z());
  if (!both || !is_equal(times(a.x(), bb), times(b.x(), aa)))
    p256_montjadd_alt(out.limbs, a.limbs, b.limbs);
  else if (is_equal(times(a.y(), times(bb, b.z())), times(b.y(), times(aa, a.z()))))
    p256_montjdouble_alt(out.limbs, a.limbs);
  return out;  // else a = -b, and the sum is at infinity
}

}  // namespace

bool is_private_key(Scalar key) { return is_exponent(from_bytes(key)); }

bool is_public_key(Point key) { return is_on_curve(point_from(key)); }

bool public_key(Scalar key, std::span<std::uint8_t, point_size> out) {
  const Number d = from_bytes(key);
  if (!is_exponent(d)) return false;
  const Affine point = generator().times(d);
  to_bytes(point.x, out.data());
  to_bytes(point.y, out.data() + scalar_size);
  return true;
}

bool agree(Scalar key, Point peer, std::span<std::uint8_t, scalar_size> out) {
  const Number d = from_bytes(key);
  const Affine point = point_from(peer);
  if (!is_exponent(d) || !is_on_curve(point)) return false;
  Jacobian theirs = jacobian(point);
  Jacobian shared;
  p256_montjscalarmul_alt(shared.limbs, d, theirs.limbs);
  to_bytes(x_of(shared), out.data());
  return true;
}

bool sign(Scalar key, std::span<const std::uint8_t> hash, std::span<const std::uint8_t, 64> seed,
          std::span<std::uint8_t, signature_size> out) {
  const Number d = from_bytes(key);
  if (!is_exponent(d)) return false;
  // 512 bits modulo the order: no nonce is likelier than another by more than 2^-256
  Number halves[2] = {from_bytes(seed.last<32>()), from_bytes(seed.first<32>())};
  std::uint64_t wide[8];
  std::copy_n(halves[0].limbs, 4, wide);
  std::copy_n(halves[1].limbs, 4, wide + 4);
  Number k;
  bignum_mod_n256_alt(k, 8, wide);
  mbedtls_platform_zeroize(wide, sizeof wide);
  if (is_zero(k)) return false;

  Number r;
  bignum_mod_n256_4(r, generator().times(k).x);
  if (is_zero(r)) return false;
  // s = (e + r d) / k
  const Number rd = times_modulo_order(times_modulo_order(r, order_squared_radix), d);
  Number e_rd;
  bignum_modadd(4, e_rd, number_of(hash), rd, order);
  const Number s =
      times_modulo_order(e_rd, times_modulo_order(inverse_modulo_order(k), order_squared_radix));
  if (is_zero(s)) return false;
  to_bytes(r, out.data());
  to_bytes(s, out.data() + scalar_size);
  return true;
}

bool verify(Point key, std::span<const std::uint8_t> hash,
            std::span<const std::uint8_t, signature_size> signature) {
  const Affine point = point_from(key);
  const Number r = from_bytes(signature.first<scalar_size>());
  const Number s = from_bytes(signature.last<scalar_size>());
  if (!is_on_curve(point) || !is_exponent(r) || !is_exponent(s)) return false;
  const Number w = times_modulo_order(inverse_modulo_order(s), order_squared_radix);
  Jacobian a = jacobian(generator().times(times_modulo_order(number_of(hash), w)));
  Jacobian q = jacobian(point);
  Jacobian b;
  p256_montjscalarmul_alt(b.limbs, times_modulo_order(r, w), q.limbs);
  Jacobian total = sum(a, b);
  if (is_zero(total.z())) return false;
  Number x;
  bignum_mod_n256_4(x, x_of(total));
  return is_equal(x, r);
}

}  // namespace tunnel::tls::p256
