"""Names that PyTorch has and this package has not, each with the reason; a star stands for any
letters."""

from __future__ import annotations

OLDER = "PyTorch has taken it away, and it only raises there"
INTERNAL = "what PyTorch's own code calls; the public function of the same purpose is there"
VENDOR = "one vendor's or library's kernel, which the public function chooses by itself in PyTorch"
QUANTIZED = "there are no quantized tensors"
SPARSE = "there are no sparse or nested tensors"
STORAGE = "the raw storage under a tensor, which a NumPy array does not let go of"
COMPILER = "for PyTorch's compilers, which trace programs"
AUTOCAST = "there is no automatic mixed precision yet"
BATCHED = "there is no transform of functions over batches yet"
FORMATS = "a number format that NumPy does not have"
DEVICES = "a device other than CPU and CUDA"
REDUCTION = (
    "undocumented in PyTorch, with a number for the reduction or other arguments in another order; "
    "it is in nn.functional"
)
SETTING = "a setting of PyTorch's own"

TORCH = {
    OLDER: "eig lstsq matrix_rank solve symeig",
    INTERNAL: """
        affine_grid_generator batch_norm_* choose_qparams_optimized classproperty convolution
        cudnn_affine_grid_generator embedding_renorm_ feature_dropout feature_dropout_
        frobenius_norm fused_moving_avg_obs_fake_quant get_file_path grid_sampler
        grid_sampler_2d grid_sampler_3d hash_tensor import_ir_module* init_num_threads
        legacy_contiguous_format merge_type_from_type_comment native_* norm_except_dim nuclear_norm
        parse_* prepare_multiprocessing_environment slice_inverse thread_safe_generator
        unify_type_list get_device_module profiler_* select_copy slice_copy split_copy
    """,
    VENDOR: "cudnn_* fbgemm_* miopen_* mkldnn_*",
    QUANTIZED: """
        dequantize empty_quantized fake_quantize_* int_repr per_channel_* per_tensor_* q_* qint*
        quantize_* quantized_* quint*
    """,
    SPARSE: """
        ccol_indices_copy col_indices_copy crow_indices_copy dsmm hsmm hspmm indices_copy jagged
        resize_as_sparse_ row_indices_copy saddmm smm sparse_* spmm sspaddmm values_copy
    """,
    STORAGE: "empty_permuted from_file resize_as_",
    COMPILER: "compile compiled_with_cxx11_abi cond fork is_vulkan_available sym_* wait while_loop",
    AUTOCAST: """
        autocast_* clear_autocast_cache get_autocast_* is_autocast_* set_autocast_*
    """,
    BATCHED: "vmap",
    FORMATS: "bit bits* chalf complex32 float4_* float8_* int? uint?",
    REDUCTION: """
        adaptive_max_pool1d alpha_dropout_ batch_norm binary_cross_entropy_with_logits
        cosine_embedding_loss ctc_loss dropout_ embedding embedding_bag feature_alpha_dropout_
        hinge_embedding_loss instance_norm kl_div margin_ranking_loss poisson_nll_loss
        triplet_margin_loss
    """,
    SETTING: """
        has_lapack has_mkl has_openmp has_spectral is_anomaly_check_nan_enabled is_distributed
        is_warn_always_enabled set_anomaly_enabled set_warn_always
    """,
    "deprecated in PyTorch: tensors have __dlpack__": "to_dlpack",
    "an iteration for some eigenvalues, which SciPy has": "lobpcg",
}

TENSOR = {
    OLDER: "eig lstsq solve symeig",
    INTERNAL: """
        const_data_ptr grad_dtype hash_tensor index map2_ module_load reinforce slice_inverse
        volatile is_distributed storage_type
    """,
    QUANTIZED: "dequantize int_repr q_* qscheme",
    SPARSE: """
        ccol_indices coalesce col_indices crow_indices dense_dim indices is_coalesced
        resize_as_sparse_ row_indices smm sparse_* sspaddmm to_dense to_mkldnn to_padded_tensor
        to_sparse to_sparse_* values
    """,
    STORAGE: "resize resize_as",
    FORMATS: "chalf",
    DEVICES: "ipu mtia xpu",
    "CuPy's memory knows its streams by itself": "record_stream",
}

FUNCTIONAL = {
    INTERNAL: """
        assert_int_or_pair boolean_dispatch handle_torch_function has_torch_function*
        native_channel_shuffle reproducibility_notes sparse_support_notes tf32_notes
    """,
    FORMATS: "scaled_mm scaled_grouped_mm",
    "matrices of several lengths in one; bmm or einsum take one group at a time": "grouped_mm",
}

MASKED = {
    "PyTorch's prototype of tensors that carry their mask": """
        as_masked_tensor is_masked_tensor masked_tensor
    """,
}

TEXTS = "texts for PyTorch's documentation"
LINALG = {TEXTS: "common_notes"}
FFT = {TEXTS: "common_args factory_common_args"}
SPECIAL = {TEXTS: "common_args multi_dim_common"}
