"use client";
import weights from "@mobilenets/weights-imagenet";
import { load } from "mobilenets";
import { useEffect } from "react";
import { answer } from "../answer";

export default function Page() {
  useEffect(() => {
    answer(
      async () => {
        const model = await load(weights);
        const [best] = await model.classify("/coffee.png");
        return best;
      },
      () => import("../others"),
    );
  }, []);
  return <p id="answer">…</p>;
}
