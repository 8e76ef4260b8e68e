// A React hook: the classes of a picture, computed in a worker.
import type { ImageSource, Prediction } from "mobilenets";
import { loadInWorker, type WorkerModel } from "mobilenets/worker";
import { useEffect, useState } from "react";

export interface Classified {
  /** Undefined until there is an answer. */
  readonly predictions?: readonly Prediction[];
  readonly error?: Error;
}

interface Loaded {
  /** The address of its weights. */
  readonly weights?: string;
  readonly model?: WorkerModel;
  readonly error?: Error;
}

/** A model in a worker, for as long as the component is mounted. @param weights its address */
export function useModel(weights: string): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({});
  useEffect(() => {
    let isWanted = true;
    let model: WorkerModel | undefined;
    loadInWorker(weights).then(
      (there) => {
        model = there;
        if (isWanted) setLoaded({ weights, model });
        else model.dispose();
      },
      (error) => isWanted && setLoaded({ weights, error }),
    );
    return () => {
      isWanted = false;
      model?.dispose();
      setLoaded({});
    };
  }, [weights]);
  // For one render after the address has changed, the state still has the old model, which is disposed of.
  return loaded.weights === weights ? loaded : {};
}

/** The classes of a picture. If it changes faster than the network answers, those of the latest. */
export function useClassifier(weights: string, picture: ImageSource | undefined, topK = 3): Classified {
  const { model, error } = useModel(weights);
  const [classified, setClassified] = useState<Classified>({});
  useEffect(() => {
    setClassified({});
    if (!model || picture === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    model.classify(picture, { topK, signal }).then(
      (predictions) => setClassified({ predictions }),
      (reason) => signal.aborted || setClassified({ error: reason }),
    );
    return () => controller.abort();
  }, [model, picture, topK]);
  return error ? { error } : classified;
}
