import { useData } from "vitepress";
import { defineComponent, h, onMounted, ref, shallowRef, watch } from "vue";
import type { FigureName } from "../../figures/figures.ts";

/**
 * One of the lesson's figures to play with. What stands inside is shown until the figure is there, and where there are no
 * scripts, as on GitHub.
 */
export const LessonFigure = defineComponent({
  props: { name: { type: String as () => FigureName, required: true } },
  setup({ name }, { slots }) {
    const { lang } = useData();
    const place = ref<HTMLElement>();
    const isThere = ref(false);
    const failure = shallowRef<unknown>();

    async function draw(): Promise<void> {
      // Figures make elements, and so are for browsers alone.
      const { makeFigures } = await import("../../figures/figures.ts");
      const { [name]: element } = makeFigures(lang.value.startsWith("zh") ? "zh" : "en");
      place.value?.replaceChildren(element);
      isThere.value = true;
    }
    const start = () => draw().catch((error) => (failure.value = error));
    onMounted(start);
    watch(lang, start);

    return () => {
      if (failure.value) throw failure.value;
      const inside = isThere.value ? [] : (slots.default?.() ?? []);
      return h("div", { class: "lesson-figure", "data-figure": name }, [
        h("div", { class: "why", ref: place }),
        inside,
      ]);
    };
  },
});
