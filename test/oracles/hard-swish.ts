import * as tf from "@tensorflow/tfjs";

/** The article's `x * K.relu(x + 3.0, max_value=6.0) / 6.0`, which TensorFlow.js has not among its layers. */
export class HardSwish extends tf.layers.Layer {
  static readonly className = "HardSwish";

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      return x.mul(x.add(3).relu().minimum(6)).div(6);
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
}

tf.serialization.registerClass(HardSwish);
