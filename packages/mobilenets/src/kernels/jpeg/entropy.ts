import { add, advance, get, i32, locals, set, sub, times } from "../wat.ts";
import { AT, BLOCK, END_RUN, FAST_BITS, HUFFMAN, INCOMPLETE } from "./layout.ts";

const all = (byte: number) => `(v128.const i8x16 ${Array(16).fill(byte).join(" ")})`;

/**
 * Copies data up to the next marker, without the zeros that are stuffed behind 0xff, and with the bytes of each word of
 * four reversed, so that a load has a file's first bit on top. There must be a marker. Sets the reader to their begin.
 */
const unstuff = () => `
(func (export "unstuff") (param $from i32) (param $to i32) ${locals("i32", "n", "begin")} ${locals("v128", "v")}
  ${set("begin", get("to"))}
  (block $marker (loop $each
    ${set("v", `(v128.load ${get("from")})`)}
    (v128.store ${get("to")} ${get("v")})
    ${set("n", `(i8x16.bitmask (i8x16.eq ${get("v")} ${all(255)}))`)}
    (if (i32.eqz ${get("n")}) (then ${advance("from", i32(16))} ${advance("to", i32(16))} (br $each)))
    ${set("n", `(i32.ctz ${get("n")})`)}
    ${advance("from", get("n"))} ${advance("to", get("n"))}
    ${set("n", `(i32.load8_u offset=1 ${get("from")})`)}
    (if (i32.eqz ${get("n")}) (then ${advance("from", i32(2))} ${advance("to", i32(1))} (br $each)))
    (br_if $marker (i32.ne ${get("n")} ${i32(255)}))
    ${advance("from", i32(1))}
    (br $each)))
  (i32.store ${i32(AT.marker)} ${get("from")})
  (i32.store ${i32(AT.end)} ${get("to")})
  (i32.store ${i32(AT.next)} ${get("begin")})
  (i32.store ${i32(AT.left)} ${i32(0)})
  (i64.store ${i32(AT.bits)} (i64.const 0))
  ;; Zeros follow, for what reads beyond.
  (v128.store ${get("to")} ${all(0)})
  (loop $words
    (v128.store ${get("begin")} (i8x16.swizzle (v128.load ${get("begin")})
      (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
    (br_if $words (i32.lt_u (local.tee $begin ${add(get("begin"), i32(16))}) ${get("to")}))))`;

/** The entry of a code longer than the first look, of which `$code` has 16 bits; 0 for none. */
const long = () => `
(func $long (param $table i32) (param $code i32) (result i32) ${locals("i32", "n", "at")}
  ${set("n", i32(FAST_BITS + 1))}
  (loop $longer
    ${set("at", add(get("table"), `(i32.shl ${get("n")} ${i32(3)})`))}
    (if (i32.lt_u ${get("code")} (i32.load offset=${HUFFMAN.limits} ${get("at")})) (then
      (return (i32.load offset=${HUFFMAN.entries} (i32.add ${get("table")} (i32.shl
        (i32.add (i32.shr_u ${get("code")} ${sub(i32(16), get("n"))}) (i32.load offset=${HUFFMAN.limits + 4} ${get("at")}))
        ${i32(2)}))))))
    (br_if $longer (i32.le_u (local.tee $n ${add(get("n"), i32(1))}) ${i32(16)})))
  ${i32(0)})`;

const consume = (n: string) => `
  ${set("bits", `(i64.shl ${get("bits")} (i64.extend_i32_u ${n}))`)}
  ${set("left", sub(get("left"), n))}`;

/** Reads a code and its extra bits: sets `$run` and `$value`. 32 bits are enough for any. */
const symbol = (table: string) => `
  (if (i32.lt_s ${get("left")} ${i32(32)}) (then
    ${set(
      "bits",
      `(i64.or ${get("bits")} (i64.shl (i64.load32_u ${get("next")}) (i64.extend_i32_u ${sub(i32(32), get("left"))})))`,
    )}
    ${advance("left", i32(32))} ${advance("next", i32(4))}))
  ${set("e", `(i32.load (i32.add ${table} (i32.shl (i32.wrap_i64 (i64.shr_u ${get("bits")} (i64.const ${64 - FAST_BITS}))) ${i32(2)})))`)}
  (if (i32.and ${get("e")} ${i32(INCOMPLETE)})
    (then
      (if (i32.eq ${get("e")} ${i32(INCOMPLETE)}) (then
        ${set("e", `(call $long ${table} (i32.wrap_i64 (i64.shr_u ${get("bits")} (i64.const 48))))`)}
        (if (i32.eqz ${get("e")}) (then ${set("bad", i32(1))} ${set("e", i32((END_RUN << 8) | INCOMPLETE))}))))
      ${set("n", `(i32.and ${get("e")} ${i32(31)})`)}
      ${consume(get("n"))}
      ${set("n", `(i32.shr_u ${get("e")} ${i32(16)})`)}
      ${set("value", i32(0))}
      (if ${get("n")} (then
        ${set("value", `(i32.wrap_i64 (i64.shr_u ${get("bits")} (i64.extend_i32_u ${sub(i32(64), get("n"))})))`)}
        (if (i32.eqz (i32.shr_u ${get("value")} ${sub(get("n"), i32(1))})) (then
          ${set("value", add(get("value"), add(`(i32.shl ${i32(-1)} ${get("n")})`, i32(1))))}))
        ${consume(get("n"))})))
    (else
      ${set("n", `(i32.and ${get("e")} ${i32(31)})`)}
      ${consume(get("n"))}
      ${set("value", `(i32.shr_s ${get("e")} ${i32(16)})`)}))
  ${set("run", `(i32.and (i32.shr_u ${get("e")} ${i32(8)}) ${i32(255)})`)}`;

/** Stores `$value` times its factor at the place of coefficient `$k`, which counts in steps of 8 from `$places` on. */
const store = `
  (f32.store offset=${AT.block} (i32.load ${get("k")})
    (f32.mul (f32.convert_i32_s ${get("value")}) (f32.load offset=4 ${get("k")})))`;

const field = (name: keyof typeof BLOCK) => `(i32.load offset=${BLOCK[name]} ${get("d")})`;

/**
 * Decodes MCUs: blocks from `$blocks` to `$last`, see `BLOCK`, and transforms each into samples.
 * Returns 0 for data that are no codes, or end too early.
 */
const decode = () => `
(func (export "decode") (param $mcus i32) (param $blocks i32) (param $last i32) (result i32)
  (local $bits i64) ${locals("i32", "left", "next", "end", "d", "e", "n", "run", "value", "k", "ac", "stop", "bad")}
  ${set("bits", `(i64.load ${i32(AT.bits)})`)}
  ${set("left", `(i32.load ${i32(AT.left)})`)}
  ${set("next", `(i32.load ${i32(AT.next)})`)}
  ${set("end", `(i32.load ${i32(AT.end)})`)}
  (loop $mcu
    ${set("d", get("blocks"))}
    (loop $block
      ${times(16, (i) => `(v128.store offset=${AT.block + 16 * i} ${i32(0)} ${all(0)})`)}
      ${symbol(field("dc"))}
      ${set("k", field("before"))}
      ${set("value", add(get("value"), `(i32.load ${get("k")})`))}
      (i32.store ${get("k")} ${get("value")})
      ${set("k", field("places"))}
      ${store}
      ${set("ac", field("ac"))}
      ${set("stop", add(get("k"), i32(64 * 8)))}
      ${advance("k", i32(8))}
      (loop $coefficients
        ${symbol(get("ac"))}
        ${advance("k", `(i32.shl ${get("run")} ${i32(3)})`)}
        ${store}
        (br_if $coefficients (i32.lt_u (local.tee $k ${add(get("k"), i32(8))}) ${get("stop")})))
      ;; A run beyond the last coefficient that does not say that it ends the block.
      (if (i32.and (i32.gt_u ${get("k")} ${get("stop")}) (i32.lt_u ${get("k")} ${add(get("stop"), i32(8 * (END_RUN - 62)))}))
        (then ${set("bad", i32(1))}))
      (if (i32.eq ${get("k")} ${add(get("stop"), i32(8 * (END_RUN - 62)))})
        (then (call $flat ${field("size")} ${field("to")} ${field("stride")}))
        (else (call $transform ${field("size")} ${field("to")} ${field("stride")})))
      (i32.store offset=${BLOCK.to} ${get("d")} ${add(field("to"), field("step"))})
      (br_if $block (i32.lt_u (local.tee $d ${add(get("d"), i32(BLOCK.bytes))}) ${get("last")})))
    (if (i32.or ${get("bad")} (i32.gt_u ${sub(get("next"), `(i32.shr_u ${get("left")} ${i32(3)})`)} ${get("end")}))
      (then (return ${i32(0)})))
    (br_if $mcu (local.tee $mcus ${sub(get("mcus"), i32(1))})))
  (i64.store ${i32(AT.bits)} ${get("bits")})
  (i32.store ${i32(AT.left)} ${get("left")})
  (i32.store ${i32(AT.next)} ${get("next")})
  ${i32(1)})`;

/** From a scan's bytes to blocks of coefficients (ITU-T T.81, annex F.2). */
export const entropy = () => `${unstuff()} ${long()} ${decode()}`;
