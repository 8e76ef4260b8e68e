import weights from "@mobilenets/weights-imagenet";
import { load } from "mobilenets";
import { answer } from "./answer";

answer(
  async () => {
    const model = await load(weights);
    const [best] = await model.classify("coffee.png");
    return best;
  },
  () => import("./others"),
);
