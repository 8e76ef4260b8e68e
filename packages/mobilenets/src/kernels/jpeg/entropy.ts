import { func, params } from "../func.ts";
import {
  add,
  block,
  br,
  br_if,
  call,
  callFor,
  code,
  f32,
  get,
  i8x16,
  i32,
  i64,
  leave,
  loop,
  set,
  sub,
  tee,
  times,
  v128,
  when,
} from "../instructions.ts";
import { advance, countdown } from "../wat.ts";
import { AT, BLOCK, END_RUN, FAST_BITS, HUFFMAN, INCOMPLETE } from "./layout.ts";

/**
 * Copies data up to the next marker, which must exist, without the zeros stuffed after 0xff and with the bytes of each
 * 32-bit word reversed, so that a load has the file's first bit on top. Sets the reader to the start of the copy.
 */
const unstuff = () =>
  func(
    { exported: "unstuff", params: params("i32", "from", "to") },
    set("begin", get("to")),
    block(
      "marker",
      loop(
        "each",
        set("v", v128.load(get("from"))),
        v128.store(get("to"), get("v")),
        set("n", i8x16.bitmask(i8x16.eq(get("v"), i8x16(255)))),
        when(i32.eqz(get("n")), code(advance("from", i32(16)), advance("to", i32(16)), br("each"))),
        set("n", i32.ctz(get("n"))),
        advance("from", get("n")),
        advance("to", get("n")),
        set("n", i32.load8_u(get("from"), 1)),
        when(i32.eqz(get("n")), code(advance("from", i32(2)), advance("to", i32(1)), br("each"))),
        br_if("marker", i32.ne(get("n"), i32(255))),
        advance("from", i32(1)),
        br("each"),
      ),
    ),
    i32.store(i32(AT.marker), get("from")),
    i32.store(i32(AT.end), get("to")),
    i32.store(i32(AT.next), get("begin")),
    i32.store(i32(AT.left), i32(0)),
    i64.store(i32(AT.bits), i64(0)),
    // Zeros follow, for reads past the end.
    v128.store(get("to"), i8x16(0)),
    loop(
      "words",
      v128.store(
        get("begin"),
        i8x16.swizzle(v128.load(get("begin")), i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)),
      ),
      br_if("words", i32.lt_u(tee("begin", add(get("begin"), i32(16))), get("to"))),
    ),
  );

/** The entry of a code longer than the first lookup; `$code` has its 16 bits. 0 if there is none. */
const long = () =>
  func(
    { name: "long", params: params("i32", "table", "code"), result: "i32" },
    set("n", i32(FAST_BITS + 1)),
    loop(
      "longer",
      set("at", add(get("table"), i32.shl(get("n"), i32(3)))),
      when(
        i32.lt_u(get("code"), i32.load(get("at"), HUFFMAN.limits)),
        leave(
          i32.load(
            add(
              get("table"),
              i32.shl(
                add(i32.shr_u(get("code"), sub(i32(16), get("n"))), i32.load(get("at"), HUFFMAN.limits + 4)),
                i32(2),
              ),
            ),
            HUFFMAN.entries,
          ),
        ),
      ),
      br_if("longer", i32.le_u(tee("n", add(get("n"), i32(1))), i32(16))),
    ),
    i32(0),
  );

const consume = (n: string) =>
  code(set("bits", i64.shl(get("bits"), i64.extend_i32_u(n))), set("left", sub(get("left"), n)));

/** Reads a code and its extra bits, at most 32 bits together: sets `$run` and `$value`. */
const symbol = (table: string) =>
  code(
    when(
      i32.lt_s(get("left"), i32(32)),
      code(
        set(
          "bits",
          i64.or(get("bits"), i64.shl(i64.load32_u(get("next")), i64.extend_i32_u(sub(i32(32), get("left"))))),
        ),
        advance("left", i32(32)),
        advance("next", i32(4)),
      ),
    ),
    set("e", i32.load(add(table, i32.shl(i32.wrap_i64(i64.shr_u(get("bits"), i64(64 - FAST_BITS))), i32(2))))),
    when(
      i32.and(get("e"), i32(INCOMPLETE)),
      code(
        when(
          i32.eq(get("e"), i32(INCOMPLETE)),
          code(
            set("e", callFor("i32", "long", table, i32.wrap_i64(i64.shr_u(get("bits"), i64(48))))),
            when(i32.eqz(get("e")), code(set("bad", i32(1)), set("e", i32((END_RUN << 8) | INCOMPLETE)))),
          ),
        ),
        set("n", i32.and(get("e"), i32(31))),
        consume(get("n")),
        set("n", i32.shr_u(get("e"), i32(16))),
        set("value", i32(0)),
        when(
          get("n"),
          code(
            set("value", i32.wrap_i64(i64.shr_u(get("bits"), i64.extend_i32_u(sub(i32(64), get("n")))))),
            when(
              i32.eqz(i32.shr_u(get("value"), sub(get("n"), i32(1)))),
              set("value", add(get("value"), add(i32.shl(i32(-1), get("n")), i32(1)))),
            ),
            consume(get("n")),
          ),
        ),
      ),
      code(set("n", i32.and(get("e"), i32(31))), consume(get("n")), set("value", i32.shr_s(get("e"), i32(16)))),
    ),
    set("run", i32.and(i32.shr_u(get("e"), i32(8)), i32(255))),
  );

/** Stores `$value` times its factor at the place of coefficient `$k`, an address in steps of 8 from `$places` on. */
const store = f32.store(i32.load(get("k")), f32.mul(f32.convert_i32_s(get("value")), f32.load(get("k"), 4)), AT.block);

const field = (name: keyof typeof BLOCK) => i32.load(get("d"), BLOCK[name]);

/**
 * Decodes MCUs: blocks from `$blocks` to `$last`, see `BLOCK`, and transforms each into samples.
 * Returns 0 for invalid codes, or data that end too early.
 */
const decode = () =>
  func(
    { exported: "decode", params: params("i32", "mcus", "blocks", "last"), result: "i32" },
    set("bits", i64.load(i32(AT.bits))),
    set("left", i32.load(i32(AT.left))),
    set("next", i32.load(i32(AT.next))),
    set("end", i32.load(i32(AT.end))),
    countdown(
      "mcu",
      "mcus",
      1,
      set("d", get("blocks")),
      loop(
        "block",
        times(16, (i) => v128.store(i32(0), i8x16(0), AT.block + 16 * i)),
        symbol(field("dc")),
        set("k", field("before")),
        set("value", add(get("value"), i32.load(get("k")))),
        i32.store(get("k"), get("value")),
        set("k", field("places")),
        store,
        set("ac", field("ac")),
        set("stop", add(get("k"), i32(64 * 8))),
        advance("k", i32(8)),
        loop(
          "coefficients",
          symbol(get("ac")),
          advance("k", i32.shl(get("run"), i32(3))),
          store,
          br_if("coefficients", i32.lt_u(tee("k", add(get("k"), i32(8))), get("stop"))),
        ),
        // The run passes the last coefficient and does not end the block.
        when(
          i32.and(i32.gt_u(get("k"), get("stop")), i32.lt_u(get("k"), add(get("stop"), i32(8 * (END_RUN - 62))))),
          set("bad", i32(1)),
        ),
        when(
          i32.eq(get("k"), add(get("stop"), i32(8 * (END_RUN - 62)))),
          call("flat", field("size"), field("to"), field("stride")),
          call("transform", field("size"), field("to"), field("stride")),
        ),
        i32.store(get("d"), add(field("to"), field("step")), BLOCK.to),
        br_if("block", i32.lt_u(tee("d", add(get("d"), i32(BLOCK.bytes))), get("last"))),
      ),
      when(i32.or(get("bad"), i32.gt_u(sub(get("next"), i32.shr_u(get("left"), i32(3))), get("end"))), leave(i32(0))),
    ),
    i64.store(i32(AT.bits), get("bits")),
    i32.store(i32(AT.left), get("left")),
    i32.store(i32(AT.next), get("next")),
    i32(1),
  );

/** Decodes a scan's bytes into blocks of coefficients (ITU-T T.81, annex F.2). */
export const entropy = () => code(unstuff(), long(), decode());
