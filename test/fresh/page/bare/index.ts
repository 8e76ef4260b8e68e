// A page that does not ask for the package of weights must not carry it. This one uses another door too.
import { load } from "mobilenets";
import { buildGraph, summarise } from "mobilenets/graph";
import { answer } from "../answer";

answer(async () => {
  const options = { alpha: 0.25 };
  const model = await load("mobilenet_v1", { ...options, weights: "random" });
  const [{ probability }] = await model.classify("coffee.png");
  const { params } = summarise(buildGraph("mobilenet_v1", options)).totals;
  return { label: `${params} parameters`, probability };
});
