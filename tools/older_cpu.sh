#!/usr/bin/env bash
# Run a command as an ordinary laptop would: AVX2 only, no AVX-512, no bf16, whatever this processor has.
#     tools/older_cpu.sh make test
# oneDNN, ATen, MKL and OpenBLAS are told to stop at AVX2; the rest of torch still sees the processor as it is.
export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2
export OPENBLAS_CORETYPE=Haswell AVATARLIB_PRECISION=float32
exec "$@"
