/** Generated data of the kinds that transforms are for; the same on every run. */

function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Rows of number, quoted name with a comma, code and its meaning, empty field, word. */
export function table(rows: number): string {
  const random = generator(1)
  let text = ''
  for (let row = 0; row < rows; row++) {
    const code = random(40)
    text += `${row + 17},"name ${random(5000)}, ${random(9)}",K${code},${code * 31 + 7},,${['on', 'off', 'idle'][random(3)] ?? ''}\n`
  }
  return text
}

/** A line of a map: pairs of numbers of six places, each near the last. */
export function coordinates(points: number): string {
  const random = generator(2)
  let x = 131_873_291
  let y = -42_956_940
  const pairs: string[] = []
  for (let point = 0; point < points; point++) {
    x += random(40_001) - 20_000
    y += random(40_001) - 20_000
    pairs.push(`[${x / 1e6},${y / 1e6}]`)
  }
  return `{"type":"LineString","coordinates":[${pairs.join(',')}]}`
}

/** Hourly measurements with fixed places. */
export function timeSeries(rows: number): string {
  const random = generator(3)
  let pressure = 101_720
  let temperature = 1500
  let text = ''
  for (let row = 0; row < rows; row++) {
    pressure += random(21) - 10
    temperature += random(61) - 30
    text += `${row % 24}:00,${(pressure / 100).toFixed(2)},${(temperature / 100).toFixed(2)}\n`
  }
  return text
}

/** Machine code as far as branches go: calls of twelve functions, jumps, moves, and in 64-bit code prefixes and data addresses. */
export function x86Code(length: number, is64Bit: boolean): Uint8Array<ArrayBuffer> {
  const random = generator(4)
  const code = Buffer.alloc(length)
  const functions = Array.from({ length: 12 }, () => random(length))
  let at = 0
  while (at + 32 < length) {
    for (let filler = 2 + random(4); filler > 0; filler--) {
      if (is64Bit) code[at++] = 0x48
      code[at++] = 0x89
      code[at++] = 0xc0 + random(64)
    }
    if (is64Bit && random(3) === 0) {
      at = code.writeUInt8(0x8b, code.writeUInt8(0x48, at))
      at = code.writeInt32LE(length + 8 * random(20) - at - 5, code.writeUInt8(0x05, at))
    }
    const target = functions[random(functions.length)] ?? 0
    if (random(4) === 0) at = code.writeUInt8(0x84, code.writeUInt8(0x0f, at))
    else at = code.writeUInt8(random(8) === 0 ? 0xe9 : 0xe8, at)
    at = code.writeInt32LE(target - at - 4, at)
  }
  return Uint8Array.from(code)
}

/** Words of ARM64: calls, page addresses, and others. */
export function arm64Code(words: number): Uint8Array<ArrayBuffer> {
  const random = generator(5)
  const code = Buffer.alloc(words * 4)
  const functions = Array.from({ length: 12 }, () => random(words))
  for (let word = 0; word < words; word++) {
    const choice = random(16)
    let value = 0x91000000 + random(1 << 20)
    if (choice < 2) value = 0x94000000 + (((functions[random(12)] ?? 0) - word) & 0x03ffffff)
    else if (choice === 2) value = 0x90000000 + random(1 << 24)
    code.writeUInt32LE(value, word * 4)
  }
  return Uint8Array.from(code)
}
