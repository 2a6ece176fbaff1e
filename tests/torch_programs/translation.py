"""A Transformer that translates: masks, positional encoding as a buffer, warm-up, greedy decoding,
a checkpoint in the middle."""

from __future__ import annotations

import io
import math
from functools import partial
from timeit import default_timer as timer

import torch
import torch.nn as nn
from torch import Tensor
from torch.nn import Transformer
from torch.nn.utils.rnn import pad_sequence
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

PAD_IDX, BOS_IDX, EOS_IDX = 0, 1, 2
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class PositionalEncoding(nn.Module):
    def __init__(self, emb_size: int, dropout: float, maxlen: int = 50):
        super(PositionalEncoding, self).__init__()
        den = torch.exp(-torch.arange(0, emb_size, 2) * math.log(10000) / emb_size)
        pos = torch.arange(0, maxlen).reshape(maxlen, 1)
        pos_embedding = torch.zeros((maxlen, emb_size))
        pos_embedding[:, 0::2] = torch.sin(pos * den)
        pos_embedding[:, 1::2] = torch.cos(pos * den)
        pos_embedding = pos_embedding.unsqueeze(-2)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("pos_embedding", pos_embedding)

    def forward(self, token_embedding: Tensor):
        return self.dropout(token_embedding + self.pos_embedding[: token_embedding.size(0), :])


class TokenEmbedding(nn.Module):
    def __init__(self, vocab_size: int, emb_size):
        super(TokenEmbedding, self).__init__()
        self.embedding = nn.Embedding(vocab_size, emb_size)
        self.emb_size = emb_size

    def forward(self, tokens: Tensor):
        return self.embedding(tokens.long()) * math.sqrt(self.emb_size)


class Seq2SeqTransformer(nn.Module):
    def __init__(self, layers, emb_size, nhead, vocab_size, dim_feedforward=32, dropout=0.1):
        super(Seq2SeqTransformer, self).__init__()
        self.transformer = Transformer(
            d_model=emb_size, nhead=nhead, num_encoder_layers=layers, num_decoder_layers=layers,
            dim_feedforward=dim_feedforward, dropout=dropout,
        )  # fmt: skip
        self.generator = nn.Linear(emb_size, vocab_size)
        self.tok_emb = TokenEmbedding(vocab_size, emb_size)
        self.positional_encoding = PositionalEncoding(emb_size, dropout=dropout)

    def forward(self, src, trg, src_mask, tgt_mask, src_padding, tgt_padding, memory_padding):
        src_emb = self.positional_encoding(self.tok_emb(src))
        tgt_emb = self.positional_encoding(self.tok_emb(trg))
        outs = self.transformer(
            src_emb, tgt_emb, src_mask, tgt_mask, None, src_padding, tgt_padding, memory_padding
        )
        return self.generator(outs)

    def encode(self, src: Tensor, src_mask: Tensor):
        return self.transformer.encoder(self.positional_encoding(self.tok_emb(src)), src_mask)

    def decode(self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor):
        embedded = self.positional_encoding(self.tok_emb(tgt))
        return self.transformer.decoder(embedded, memory, tgt_mask)


def generate_square_subsequent_mask(sz):
    mask = (torch.triu(torch.ones((sz, sz), device=DEVICE)) == 1).transpose(0, 1)
    return mask.float().masked_fill(mask == 0, float("-inf")).masked_fill(mask == 1, float(0.0))


def create_mask(src, tgt):
    tgt_mask = generate_square_subsequent_mask(tgt.shape[0])
    tgt_padding_mask = torch.zeros(tgt.shape, device=DEVICE).masked_fill(
        tgt == PAD_IDX, float("-inf")
    )
    src_mask = torch.zeros((src.shape[0], src.shape[0]), device=DEVICE)
    src_padding = torch.zeros(src.shape, device=DEVICE).masked_fill(src == PAD_IDX, float("-inf"))
    return src_mask, tgt_mask, src_padding.transpose(0, 1), tgt_padding_mask.transpose(0, 1)


def collate_fn(batch, reverse=True):
    src, tgt = [], []
    for words in batch:
        src.append(torch.cat((torch.tensor([BOS_IDX]), words, torch.tensor([EOS_IDX]))))
        other = torch.flip(words, dims=[0]) if reverse else words
        tgt.append(torch.cat((torch.tensor([BOS_IDX]), other, torch.tensor([EOS_IDX]))))
    return pad_sequence(src, padding_value=PAD_IDX), pad_sequence(tgt, padding_value=PAD_IDX)


def greedy_decode(model, src, src_mask, max_len, start_symbol):
    memory = model.encode(src, src_mask)
    ys = torch.ones(1, 1).fill_(start_symbol).type(torch.long)
    for _ in range(max_len - 1):
        tgt_mask = generate_square_subsequent_mask(ys.size(0)).type(torch.bool)
        tgt_mask = ~torch.tril(torch.ones_like(tgt_mask))
        out = model.decode(ys, memory, tgt_mask).transpose(0, 1)
        _, next_word = torch.max(model.generator(out[:, -1]), dim=1)
        next_word = next_word.item()
        ys = torch.cat([ys, torch.ones(1, 1).type_as(src.data).fill_(next_word)], dim=0)
        if next_word == EOS_IDX:
            break
    return ys.flatten()


def train(epochs=2):
    torch.manual_seed(0)
    sentences = [torch.randint(3, 12, (n,)) for n in torch.randint(2, 7, (24,)).tolist()]
    model = Seq2SeqTransformer(1, 16, 2, 12)
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    model = model.to(DEVICE)
    loss_fn = torch.nn.CrossEntropyLoss(ignore_index=PAD_IDX)
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    noam = lambda step: 16**-0.5 * min(max(step, 1) ** -0.5, max(step, 1) * 8**-1.5)
    scheduler = LambdaLR(optimizer, lr_lambda=noam)
    history, start_time = [], timer()
    for epoch in range(epochs):
        model.train()
        loader = DataLoader(sentences, batch_size=6, shuffle=True, collate_fn=partial(collate_fn))
        for src, tgt in loader:
            tgt_input = tgt[:-1, :]
            src_mask, tgt_mask, src_padding, tgt_padding = create_mask(src, tgt_input)
            logits = model(
                src, tgt_input, src_mask, tgt_mask, src_padding, tgt_padding, src_padding
            )
            optimizer.zero_grad()
            tgt_out = tgt[1:, :]
            loss = loss_fn(logits.reshape(-1, logits.shape[-1]), tgt_out.reshape(-1))
            loss.backward()
            optimizer.step()
            scheduler.step()
            history.append(loss.item())
        buffer = io.BytesIO()
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, buffer)
        buffer.seek(0)
        checkpoint = torch.load(buffer, map_location=DEVICE)
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
    assert timer() > start_time
    model.eval()
    with torch.no_grad():
        src = sentences[0].view(-1, 1)
        src_mask = torch.zeros(len(src), len(src)).type(torch.bool)
        decoded = greedy_decode(model, src, src_mask, max_len=len(src) + 5, start_symbol=BOS_IDX)
    return history + decoded.tolist()
