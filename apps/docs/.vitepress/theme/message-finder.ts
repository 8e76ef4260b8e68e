import { withBase } from "vitepress";
import { computed, defineComponent, h, ref } from "vue";
import type { Answered } from "../../site/messages.ts";

/** How well a pasted text fits, from the pieces of the message that are always the same. */
function scoreOf(text: string, pasted: string): number {
  const pieces = text
    .split("…")
    .map((piece) => piece.trim())
    .filter((piece) => piece.length > 2);
  const all = pieces.reduce((sum, { length }) => sum + length, 0);
  const found = pieces.filter((piece) => pasted.includes(piece)).reduce((sum, { length }) => sum + length, 0);
  // A long message that is there in full tells more than a short one.
  return all === 0 || found < 8 ? 0 : found / all + found / 1000;
}

/** A place to paste an error's text; answers with the messages that it may be. */
export const MessageFinder = defineComponent({
  setup() {
    const pasted = ref("");
    const all = ref<readonly Answered[]>([]);
    const load = async () => {
      if (all.value.length === 0) all.value = (await import("../../generated/messages.json")).default;
    };
    const found = computed(() => {
      const text = pasted.value.replace(/\s+/g, " ");
      return all.value
        .map((message) => ({ message, score: scoreOf(message.text, text) }))
        .filter(({ score }) => score > 0.4)
        .sort((a, b) => b.score - a.score)
        .slice(0, 3);
    });
    const onInput = (event: Event) => {
      pasted.value = (event.target as HTMLTextAreaElement).value;
      load();
    };
    return () =>
      h("div", { class: "finder" }, [
        h("label", {}, [
          h("span", "Paste an error's text"),
          h("textarea", { rows: 2, spellcheck: false, value: pasted.value, onInput, onFocus: load }),
        ]),
        h(
          "div",
          { "aria-live": "polite" },
          pasted.value.trim() === ""
            ? []
            : found.value.length === 0
              ? [h("p", "No message of this version is like it. Is all of the text there?")]
              : found.value.map(({ message }) =>
                  h("p", {}, [
                    h("b", `${message.name}: `),
                    h("code", message.text),
                    " ",
                    message.answer &&
                      h("a", { class: "answer", href: withBase(`/faq.html#${message.answer}`) }, "what to do"),
                    " ",
                    h(
                      "a",
                      { href: `https://github.com/mobilenets/mobilenets/blob/main/${message.path}#L${message.line}` },
                      "source",
                    ),
                  ]),
                ),
        ),
      ]);
  },
});
