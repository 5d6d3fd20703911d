"""Small trainable additions to a frozen model.

`lora` is the layer of Hu et al. 2022: two thin matrices beside a frozen one, their gradients, and
how they are merged in and taken out. `counts` counts what is trained and the memory that this
takes; `digits` shows the reader of digits something new, and `texts` the writer of Shakespeare;
`jobs_lora`, `jobs_lora_texts` and `finetune_torch` fine-tuned both, in full and by LoRA. Weights
are `(outputs, inputs)`, as in the paper.
"""
